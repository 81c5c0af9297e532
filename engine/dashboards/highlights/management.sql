-- AWSCloudTrail-Highlights | Highlights dashboard | Management

-- Activity summary | Table
-- Events, errors, denied calls and callers of the last 24 hours and of the 24 hours before.
SELECT IF(eventtime > CAST('$StartTime$' AS timestamp(3)), 'last 24 hours', '24 hours before') AS period, count(*) AS events,
       count(errorcode) AS errors, count_if(regexp_like(errorcode, 'AccessDenied|Unauthorized')) AS refused, count(DISTINCT useridentity.arn) AS callers
FROM $EventDataStoreId$
WHERE eventtime > CAST('$StartTime$' AS timestamp(3)) - INTERVAL '1' DAY AND eventtime < '$EndTime$'
GROUP BY 1
ORDER BY 1 DESC

-- Total cross-account access | Table
-- Accounts with at least twice the cross-account calls of the day before.
SELECT useridentity.accountid AS callerAccount, count_if(eventtime > CAST('$StartTime$' AS timestamp(3))) AS lastDay,
       count_if(eventtime <= CAST('$StartTime$' AS timestamp(3))) AS dayBefore
FROM $EventDataStoreId$
WHERE eventtime > CAST('$StartTime$' AS timestamp(3)) - INTERVAL '1' DAY AND eventtime < '$EndTime$'
  AND useridentity.accountid <> recipientaccountid
GROUP BY 1
HAVING count_if(eventtime > CAST('$StartTime$' AS timestamp(3))) >= greatest(3, 2 * count_if(eventtime <= CAST('$StartTime$' AS timestamp(3))))
ORDER BY lastDay DESC, 1
LIMIT 20

-- Access denied spikes | Table
-- Principals with at least twice the denied calls of the day before.
SELECT useridentity.arn AS userArn, count_if(eventtime > CAST('$StartTime$' AS timestamp(3))) AS lastDay,
       count_if(eventtime <= CAST('$StartTime$' AS timestamp(3))) AS dayBefore
FROM $EventDataStoreId$
WHERE eventtime > CAST('$StartTime$' AS timestamp(3)) - INTERVAL '1' DAY AND eventtime < '$EndTime$'
  AND regexp_like(errorcode, 'AccessDenied|Unauthorized')
GROUP BY 1
HAVING count_if(eventtime > CAST('$StartTime$' AS timestamp(3))) >= greatest(3, 2 * count_if(eventtime <= CAST('$StartTime$' AS timestamp(3))))
ORDER BY lastDay DESC, 1
LIMIT 20

-- Failed console sign-ins | Table
-- Source addresses with at least twice the failed console sign-ins of the day before.
SELECT sourceipaddress AS sourceIPAddress, count_if(eventtime > CAST('$StartTime$' AS timestamp(3))) AS lastDay,
       count_if(eventtime <= CAST('$StartTime$' AS timestamp(3))) AS dayBefore
FROM $EventDataStoreId$
WHERE eventtime > CAST('$StartTime$' AS timestamp(3)) - INTERVAL '1' DAY AND eventtime < '$EndTime$'
  AND eventname = 'ConsoleLogin' AND element_at(responseelements, 'ConsoleLogin') = 'Failure'
GROUP BY 1
HAVING count_if(eventtime > CAST('$StartTime$' AS timestamp(3))) >= greatest(3, 2 * count_if(eventtime <= CAST('$StartTime$' AS timestamp(3))))
ORDER BY lastDay DESC, 1
LIMIT 20

-- Root user activity | Table
-- Every direct call of a root user.
SELECT recipientaccountid AS accountId, eventname AS eventName, count_if(eventtime > CAST('$StartTime$' AS timestamp(3))) AS lastDay,
       count_if(eventtime <= CAST('$StartTime$' AS timestamp(3))) AS dayBefore
FROM $EventDataStoreId$
WHERE eventtime > CAST('$StartTime$' AS timestamp(3)) - INTERVAL '1' DAY AND eventtime < '$EndTime$'
  AND useridentity.type = 'Root' AND useridentity.invokedby IS NULL
GROUP BY 1, 2
HAVING count_if(eventtime > CAST('$StartTime$' AS timestamp(3))) >= 1
ORDER BY lastDay DESC, 1, 2
LIMIT 20

-- Destructive actions | Table
-- Principals with at least twice the deletions of the day before.
SELECT useridentity.arn AS userArn, eventname AS eventName, count_if(eventtime > CAST('$StartTime$' AS timestamp(3))) AS lastDay,
       count_if(eventtime <= CAST('$StartTime$' AS timestamp(3))) AS dayBefore
FROM $EventDataStoreId$
WHERE eventtime > CAST('$StartTime$' AS timestamp(3)) - INTERVAL '1' DAY AND eventtime < '$EndTime$'
  AND regexp_like(eventname, '^(Delete|Terminate|Destroy|Purge)') AND errorcode IS NULL
GROUP BY 1, 2
HAVING count_if(eventtime > CAST('$StartTime$' AS timestamp(3))) >= greatest(3, 2 * count_if(eventtime <= CAST('$StartTime$' AS timestamp(3))))
ORDER BY lastDay DESC, 1, 2
LIMIT 20

-- Logging disabled | Table
-- Trails and event data stores that were stopped or deleted.
SELECT eventname AS eventName, useridentity.arn AS userArn, count_if(eventtime > CAST('$StartTime$' AS timestamp(3))) AS lastDay,
       count_if(eventtime <= CAST('$StartTime$' AS timestamp(3))) AS dayBefore
FROM $EventDataStoreId$
WHERE eventtime > CAST('$StartTime$' AS timestamp(3)) - INTERVAL '1' DAY AND eventtime < '$EndTime$'
  AND eventsource = 'cloudtrail.amazonaws.com' AND eventname IN ('StopLogging', 'DeleteTrail', 'DeleteEventDataStore', 'StopEventDataStoreIngestion')
GROUP BY 1, 2
HAVING count_if(eventtime > CAST('$StartTime$' AS timestamp(3))) >= 1
ORDER BY lastDay DESC, 1, 2
LIMIT 20

-- Error spikes | Table
-- Errors that are at least twice as frequent as the day before, by service.
SELECT eventsource AS eventSource, errorcode AS errorCode, count_if(eventtime > CAST('$StartTime$' AS timestamp(3))) AS lastDay,
       count_if(eventtime <= CAST('$StartTime$' AS timestamp(3))) AS dayBefore
FROM $EventDataStoreId$
WHERE eventtime > CAST('$StartTime$' AS timestamp(3)) - INTERVAL '1' DAY AND eventtime < '$EndTime$'
  AND errorcode IS NOT NULL
GROUP BY 1, 2
HAVING count_if(eventtime > CAST('$StartTime$' AS timestamp(3))) >= greatest(10, 2 * count_if(eventtime <= CAST('$StartTime$' AS timestamp(3))))
ORDER BY lastDay DESC, 1, 2
LIMIT 20

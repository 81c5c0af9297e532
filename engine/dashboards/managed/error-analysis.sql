-- AWSCloudTrail-ErrorAnalysis | Error analysis dashboard | Management

-- Error count by service | BarChart LabelColumn=service ValueColumn=eventCount Orientation=Horizontal
-- Errors by service.
-- tags: errors, troubleshooting
SELECT replace(eventsource, '.amazonaws.com') AS service, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND errorcode IS NOT NULL
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 20

-- Error count by API | BarChart LabelColumn=api ValueColumn=eventCount Orientation=Horizontal
-- Errors by API.
-- tags: errors, troubleshooting
SELECT concat(replace(eventsource, '.amazonaws.com'), ':', eventname) AS api, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND errorcode IS NOT NULL
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 20

-- Top errors by error code | PieChart LabelColumn=errorCode ValueColumn=eventCount
-- The most frequent error codes.
-- tags: errors, troubleshooting
SELECT errorcode AS errorCode, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND errorcode IS NOT NULL
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Top errors by error message | Table
-- The most frequent error messages.
-- tags: errors, troubleshooting
SELECT errormessage AS errorMessage, errorcode AS errorCode, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND errormessage IS NOT NULL
GROUP BY 1, 2
ORDER BY eventCount DESC, 1, 2
LIMIT 20

-- Top AccessDenied errors by API | BarChart LabelColumn=api ValueColumn=eventCount Orientation=Horizontal
-- The APIs that deny the most calls, with how many principals they deny.
-- tags: T1580, access denied, discovery
SELECT concat(replace(eventsource, '.amazonaws.com'), ':', eventname) AS api, count(*) AS eventCount, count(DISTINCT useridentity.arn) AS principals
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND regexp_like(errorcode, 'AccessDenied|Unauthorized')
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 20

-- Top throttled errors by API | BarChart LabelColumn=api ValueColumn=eventCount Orientation=Horizontal
-- The APIs that are throttled most often.
-- tags: throttling, rate limits
SELECT concat(replace(eventsource, '.amazonaws.com'), ':', eventname) AS api, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND regexp_like(errorcode, 'Throttl|RequestLimitExceeded|TooManyRequests|SlowDown|ProvisionedThroughputExceeded|RateExceeded')
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 20

-- Top users with errors | BarChart LabelColumn=userArn ValueColumn=eventCount Orientation=Horizontal
-- The users with the most errors, with the number of different error codes.
-- tags: errors, troubleshooting
SELECT useridentity.arn AS userArn, count(*) AS eventCount, count(DISTINCT errorcode) AS errorCodes
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND errorcode IS NOT NULL
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 20

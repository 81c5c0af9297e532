-- AWSCloudTrail-ManagementEvents | Management events dashboard | Management

-- Top access denied events | Table
-- The events that are denied most often, by service.
-- tags: T1580, access denied, discovery
SELECT eventsource AS eventSource, eventname AS eventName, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND regexp_like(errorcode, 'AccessDenied|Unauthorized')
GROUP BY 1, 2
ORDER BY eventCount DESC, 1, 2
LIMIT 20

-- Top errors by user | Table
-- The most frequent errors of each user.
-- tags: errors, troubleshooting
SELECT useridentity.arn AS userArn, errorcode AS errorCode, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND errorcode IS NOT NULL
GROUP BY 1, 2
ORDER BY eventCount DESC, 1, 2
LIMIT 20

-- Console sign-in events | LineChart XAxisColumn=eventDate YAxisColumn=eventCount FilterColumn=result
-- Console sign-ins over time, by result.
-- tags: T1078.004, sign-in, initial access
SELECT date_trunc('$Period$', eventtime) AS eventDate, element_at(responseelements, 'ConsoleLogin') AS result, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventname = 'ConsoleLogin'
GROUP BY 1, 2
ORDER BY 1, 2

-- Destructive actions | BarChart LabelColumn=eventName ValueColumn=eventCount Orientation=Horizontal
-- The most frequent deletions.
-- tags: T1485, data destruction, impact
SELECT eventname AS eventName, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND regexp_like(eventname, '^(Delete|Terminate|Destroy|Purge)') AND errorcode IS NULL
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- TLS version | PieChart LabelColumn=tlsVersion ValueColumn=eventCount
-- Calls by TLS version.
-- tags: tls versions, compliance
SELECT tlsdetails.tlsversion AS tlsVersion, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND tlsdetails.tlsversion IS NOT NULL
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Outdated TLS calls by user | Table
-- Callers with outdated TLS versions, by user agent.
-- tags: outdated tls, compliance
SELECT useridentity.arn AS userArn, tlsdetails.tlsversion AS tlsVersion, useragent AS userAgent, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND tlsdetails.tlsversion IN ('TLSv1', 'TLSv1.0', 'TLSv1.1', 'SSLv3')
GROUP BY 1, 2, 3
ORDER BY eventCount DESC, 1, 2, 3
LIMIT 20

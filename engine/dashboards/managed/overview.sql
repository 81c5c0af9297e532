-- AWSCloudTrail-Overview | Overview dashboard | Management

-- Account activity | LineChart XAxisColumn=eventDate YAxisColumn=eventCount FilterColumn=readOnly
-- Read and write events over time.
-- tags: account activity, activity trend
SELECT date_trunc('$Period$', eventtime) AS eventDate, IF(readonly, 'read', 'write') AS readOnly, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
GROUP BY 1, 2
ORDER BY 1, 2

-- Top errors | Table
-- The most frequent errors.
-- tags: errors, troubleshooting
SELECT errorcode AS errorCode, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND errorcode IS NOT NULL
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 100

-- Most active regions | PieChart LabelColumn=awsRegion ValueColumn=eventCount
-- The Regions with the most events.
-- tags: account activity, region usage
SELECT awsregion AS awsRegion, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Top services | BarChart LabelColumn=service ValueColumn=eventCount Orientation=Horizontal
-- The services with the most events.
-- tags: account activity, service usage
SELECT replace(eventsource, '.amazonaws.com') AS service, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Most throttled events | BarChart LabelColumn=eventName ValueColumn=eventCount Orientation=Horizontal
-- The events that are throttled most often.
-- tags: throttling, rate limits
SELECT eventname AS eventName, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND regexp_like(errorcode, 'Throttl|RequestLimitExceeded|TooManyRequests|SlowDown|ProvisionedThroughputExceeded|RateExceeded')
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Top users | BarChart LabelColumn=userArn ValueColumn=eventCount Orientation=Horizontal
-- The users with the most events.
-- tags: account activity, user behavior
SELECT useridentity.arn AS userArn, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND useridentity.arn IS NOT NULL
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

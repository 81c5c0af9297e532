-- AWSCloudTrail-DataEventsOverview | Data events overview dashboard | Data

-- Overall data events trend | LineChart XAxisColumn=eventDate YAxisColumn=eventCount
-- Data events over time.
-- tags: data events, activity trend
SELECT date_trunc('$Period$', eventtime) AS eventDate, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventcategory = 'Data'
GROUP BY 1
ORDER BY 1

-- Top services generating data events | PieChart LabelColumn=service ValueColumn=eventCount
-- The services with the most data events.
-- tags: data events, service usage
SELECT replace(eventsource, '.amazonaws.com') AS service, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventcategory = 'Data'
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Top APIs generating data events | BarChart LabelColumn=api ValueColumn=eventCount Orientation=Horizontal
-- The APIs with the most data events.
-- tags: data events, api usage
SELECT concat(replace(eventsource, '.amazonaws.com'), ':', eventname) AS api, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventcategory = 'Data'
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Top regions generating data events | PieChart LabelColumn=awsRegion ValueColumn=eventCount
-- The Regions with the most data events.
-- tags: data events, region usage
SELECT awsregion AS awsRegion, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventcategory = 'Data'
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Top throttled data plane APIs | BarChart LabelColumn=api ValueColumn=eventCount Orientation=Horizontal
-- The data plane APIs that are throttled most often.
-- tags: throttling, data events
SELECT concat(replace(eventsource, '.amazonaws.com'), ':', eventname) AS api, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventcategory = 'Data' AND regexp_like(errorcode, 'Throttl|RequestLimitExceeded|TooManyRequests|SlowDown|ProvisionedThroughputExceeded|RateExceeded')
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Top users of data plane APIs | BarChart LabelColumn=userArn ValueColumn=eventCount Orientation=Horizontal
-- The principals with the most data events.
-- tags: T1530, data access, data events
SELECT useridentity.arn AS userArn, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventcategory = 'Data'
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- AWSCloudTrail-DynamoDBDataEvents | DynamoDB data events dashboard | Data

-- DynamoDB account data activity | LineChart XAxisColumn=eventDate YAxisColumn=eventCount
-- Data events of DynamoDB over time.
-- tags: dynamodb, activity trend
SELECT date_trunc('$Period$', eventtime) AS eventDate, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'dynamodb.amazonaws.com' AND eventcategory = 'Data'
GROUP BY 1
ORDER BY 1

-- DynamoDB data plane APIs success vs failure trend | LineChart XAxisColumn=eventDate YAxisColumn=eventCount FilterColumn=outcome
-- Calls of the data plane of DynamoDB over time, those that succeeded and those that failed.
-- tags: dynamodb, error rate
SELECT date_trunc('$Period$', eventtime) AS eventDate, IF(errorcode IS NULL, 'success', 'failure') AS outcome, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'dynamodb.amazonaws.com' AND eventcategory = 'Data'
GROUP BY 1, 2
ORDER BY 1, 2

-- Top 10 DynamoDB data plane APIs | BarChart LabelColumn=eventName ValueColumn=eventCount Orientation=Horizontal
-- The actions of the data plane of DynamoDB that are called most.
-- tags: dynamodb, api usage
SELECT eventname AS eventName, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'dynamodb.amazonaws.com' AND eventcategory = 'Data'
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Top users of DynamoDB data plane APIs | BarChart LabelColumn=userArn ValueColumn=eventCount Orientation=Horizontal
-- Who calls the data plane of DynamoDB most.
-- tags: T1530, dynamodb, data access
SELECT useridentity.arn AS userArn, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'dynamodb.amazonaws.com' AND eventcategory = 'Data'
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Top 10 DynamoDB data plane API errors | BarChart LabelColumn=errorCode ValueColumn=eventCount Orientation=Horizontal
-- The most frequent errors of the data plane of DynamoDB.
-- tags: dynamodb, errors
SELECT errorcode AS errorCode, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'dynamodb.amazonaws.com' AND eventcategory = 'Data' AND errorcode IS NOT NULL
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Most throttled users of DynamoDB data plane APIs | BarChart LabelColumn=userArn ValueColumn=eventCount Orientation=Horizontal
-- The users whose calls of DynamoDB are throttled most.
-- tags: dynamodb, throttling
SELECT useridentity.arn AS userArn, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'dynamodb.amazonaws.com' AND eventcategory = 'Data'
  AND regexp_like(errorcode, 'Throttl|RequestLimitExceeded|TooManyRequests|SlowDown|ProvisionedThroughputExceeded|RateExceeded')
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Top throttled DynamoDB data plane APIs | BarChart LabelColumn=eventName ValueColumn=eventCount Orientation=Horizontal
-- The actions of DynamoDB that are throttled most.
-- tags: dynamodb, throttling
SELECT eventname AS eventName, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'dynamodb.amazonaws.com' AND eventcategory = 'Data'
  AND regexp_like(errorcode, 'Throttl|RequestLimitExceeded|TooManyRequests|SlowDown|ProvisionedThroughputExceeded|RateExceeded')
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Top throttled DynamoDB tables | BarChart LabelColumn=tableName ValueColumn=eventCount Orientation=Horizontal
-- The tables that are throttled most.
-- tags: dynamodb, throttling
SELECT element_at(requestparameters, 'tableName') AS tableName, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'dynamodb.amazonaws.com' AND eventcategory = 'Data'
  AND regexp_like(errorcode, 'Throttl|RequestLimitExceeded|TooManyRequests|SlowDown|ProvisionedThroughputExceeded|RateExceeded')
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

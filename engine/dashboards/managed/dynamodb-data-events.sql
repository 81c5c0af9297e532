-- AWSCloudTrail-DynamoDBDataEvents | DynamoDB data events dashboard | Data

-- DynamoDB account data activity | LineChart XAxisColumn=eventDate YAxisColumn=eventCount
-- DynamoDB data events over time.
-- tags: dynamodb, activity trend
SELECT date_trunc('$Period$', eventtime) AS eventDate, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'dynamodb.amazonaws.com' AND eventcategory = 'Data'
GROUP BY 1
ORDER BY 1

-- DynamoDB data plane APIs success vs failure trend | LineChart XAxisColumn=eventDate YAxisColumn=eventCount FilterColumn=outcome
-- Successful and failed DynamoDB data plane calls over time.
-- tags: dynamodb, error rate
SELECT date_trunc('$Period$', eventtime) AS eventDate, IF(errorcode IS NULL, 'success', 'failure') AS outcome, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'dynamodb.amazonaws.com' AND eventcategory = 'Data'
GROUP BY 1, 2
ORDER BY 1, 2

-- Top 10 DynamoDB data plane APIs | BarChart LabelColumn=eventName ValueColumn=eventCount Orientation=Horizontal
-- The DynamoDB data plane APIs that are called most often.
-- tags: dynamodb, api usage
SELECT eventname AS eventName, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'dynamodb.amazonaws.com' AND eventcategory = 'Data'
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Top users of DynamoDB data plane APIs | BarChart LabelColumn=userArn ValueColumn=eventCount Orientation=Horizontal
-- The principals with the most DynamoDB data plane calls.
-- tags: T1530, dynamodb, data access
SELECT useridentity.arn AS userArn, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'dynamodb.amazonaws.com' AND eventcategory = 'Data'
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Top 10 DynamoDB data plane API errors | BarChart LabelColumn=errorCode ValueColumn=eventCount Orientation=Horizontal
-- The most frequent DynamoDB data plane errors.
-- tags: dynamodb, errors
SELECT errorcode AS errorCode, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'dynamodb.amazonaws.com' AND eventcategory = 'Data' AND errorcode IS NOT NULL
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Most throttled users of DynamoDB data plane APIs | BarChart LabelColumn=userArn ValueColumn=eventCount Orientation=Horizontal
-- The principals whose DynamoDB calls are throttled most often.
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
-- The DynamoDB data plane APIs that are throttled most often.
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
-- The DynamoDB tables that are throttled most often.
-- tags: dynamodb, throttling
SELECT element_at(requestparameters, 'tableName') AS tableName, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'dynamodb.amazonaws.com' AND eventcategory = 'Data'
  AND regexp_like(errorcode, 'Throttl|RequestLimitExceeded|TooManyRequests|SlowDown|ProvisionedThroughputExceeded|RateExceeded')
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

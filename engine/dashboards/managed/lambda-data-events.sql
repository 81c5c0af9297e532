-- AWSCloudTrail-LambdaDataEvents | Lambda data events dashboard | Data

-- Lambda data plane API activity | LineChart XAxisColumn=eventDate YAxisColumn=eventCount FilterColumn=eventName
-- Lambda data events over time, by action.
-- tags: lambda, activity trend
SELECT date_trunc('$Period$', eventtime) AS eventDate, eventname AS eventName, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'lambda.amazonaws.com'
GROUP BY 1, 2
ORDER BY 1, 2

-- Lambda invocations success vs failure trend | LineChart XAxisColumn=eventDate YAxisColumn=eventCount FilterColumn=outcome
-- Successful and failed Lambda invocations over time.
-- tags: lambda, error rate
SELECT date_trunc('$Period$', eventtime) AS eventDate, IF(errorcode IS NULL, 'success', 'failure') AS outcome, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'lambda.amazonaws.com' AND eventname LIKE 'Invoke%'
GROUP BY 1, 2
ORDER BY 1, 2

-- Top users of Lambda invocations | BarChart LabelColumn=userArn ValueColumn=eventCount Orientation=Horizontal
-- The principals with the most Lambda invocations.
-- tags: T1648, serverless execution, lambda
SELECT useridentity.arn AS userArn, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'lambda.amazonaws.com' AND eventname LIKE 'Invoke%'
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Top invoked Lambda functions | BarChart LabelColumn=functionName ValueColumn=eventCount Orientation=Horizontal
-- The Lambda functions that are invoked most often.
-- tags: lambda, service usage
SELECT element_at(requestparameters, 'functionName') AS functionName, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'lambda.amazonaws.com' AND eventname LIKE 'Invoke%'
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Top 10 Lambda Invoke API errors | BarChart LabelColumn=errorCode ValueColumn=eventCount Orientation=Horizontal
-- The most frequent invocation errors.
-- tags: lambda, errors
SELECT errorcode AS errorCode, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'lambda.amazonaws.com' AND eventname LIKE 'Invoke%' AND errorcode IS NOT NULL
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Most throttled users of Lambda invocations | BarChart LabelColumn=userArn ValueColumn=eventCount Orientation=Horizontal
-- The principals whose invocations are throttled most often.
-- tags: lambda, throttling
SELECT useridentity.arn AS userArn, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'lambda.amazonaws.com' AND eventname LIKE 'Invoke%' AND regexp_like(errorcode, 'Throttl|RequestLimitExceeded|TooManyRequests|SlowDown|ProvisionedThroughputExceeded|RateExceeded')
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

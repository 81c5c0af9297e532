-- AWSCloudTrail-S3DataEvents | S3 data events dashboard | Data

-- S3 account activity | LineChart XAxisColumn=eventDate YAxisColumn=eventCount FilterColumn=readOnly
-- S3 read and write data events over time.
-- tags: data access, activity trend
SELECT date_trunc('$Period$', eventtime) AS eventDate, IF(readonly, 'read', 'write') AS readOnly, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 's3.amazonaws.com' AND eventcategory = 'Data'
GROUP BY 1, 2
ORDER BY 1, 2

-- Most accessed objects | Table
-- The S3 objects with the most requests.
-- tags: T1530, data access, s3 objects
SELECT element_at(requestparameters, 'bucketName') AS bucket, element_at(requestparameters, 'key') AS objectKey, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 's3.amazonaws.com' AND eventcategory = 'Data' AND element_at(requestparameters, 'key') IS NOT NULL
GROUP BY 1, 2
ORDER BY eventCount DESC, 1, 2
LIMIT 20

-- S3 top users | BarChart LabelColumn=userArn ValueColumn=eventCount Orientation=Horizontal
-- The principals with the most S3 data events.
-- tags: T1530, data access, user behavior
SELECT useridentity.arn AS userArn, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 's3.amazonaws.com' AND eventcategory = 'Data'
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Top S3 actions | PieChart LabelColumn=eventName ValueColumn=eventCount
-- The S3 object actions that are called most often.
-- tags: data access, api usage
SELECT eventname AS eventName, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 's3.amazonaws.com' AND eventcategory = 'Data'
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

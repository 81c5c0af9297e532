-- AWSCloudTrail-ResourceChanges | Resource changes dashboard | Management

-- Resource creation and deletion trends | LineChart XAxisColumn=eventDate YAxisColumn=eventCount FilterColumn=change
-- Creations and deletions of resources over time.
-- tags: change management, activity trend
SELECT date_trunc('$Period$', eventtime) AS eventDate, IF(regexp_like(eventname, '^(Create|Run)'), 'created', 'deleted') AS change, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND errorcode IS NULL AND regexp_like(eventname, '^(Create|Run|Delete|Terminate)')
GROUP BY 1, 2
ORDER BY 1, 2

-- Top users performing resource creation | BarChart LabelColumn=userArn ValueColumn=eventCount Orientation=Horizontal
-- The principals that create the most resources.
-- tags: T1578, change management, user behavior
SELECT useridentity.arn AS userArn, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND regexp_like(eventname, '^(Create|Run|Allocate|Launch|Provision)') AND errorcode IS NULL
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Top APIs used for resource creation | BarChart LabelColumn=api ValueColumn=eventCount Orientation=Horizontal
-- The APIs that create the most resources.
-- tags: change management, api usage
SELECT concat(replace(eventsource, '.amazonaws.com'), ':', eventname) AS api, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND regexp_like(eventname, '^(Create|Run|Allocate|Launch|Provision)') AND errorcode IS NULL
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Top APIs used for resource deletion | BarChart LabelColumn=api ValueColumn=eventCount Orientation=Horizontal
-- The APIs that delete the most resources.
-- tags: T1485, data destruction, change management
SELECT concat(replace(eventsource, '.amazonaws.com'), ':', eventname) AS api, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND regexp_like(eventname, '^(Delete|Terminate|Destroy|Purge)') AND errorcode IS NULL
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Most recent resources created outside CloudFormation | Table
-- The latest resources that CloudFormation did not create.
-- tags: change management, configuration drift
SELECT eventtime AS eventTime, eventsource AS eventSource, eventname AS eventName, useridentity.arn AS userArn, useragent AS userAgent
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND regexp_like(eventname, '^(Create|Run|Allocate|Launch|Provision)') AND errorcode IS NULL
  AND coalesce(useridentity.invokedby, '') <> 'cloudformation.amazonaws.com' AND coalesce(sourceipaddress, '') <> 'cloudformation.amazonaws.com'
ORDER BY eventtime DESC
LIMIT 100

-- Most recent resource changes made using console | Table
-- The latest changes that were made in the console.
-- tags: change management, configuration drift
SELECT eventtime AS eventTime, eventsource AS eventSource, eventname AS eventName, useridentity.arn AS userArn
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND sessioncredentialfromconsole = 'true' AND NOT readonly
ORDER BY eventtime DESC
LIMIT 100

-- Most recent S3 bucket access changes | Table
-- The latest changes to bucket access.
-- tags: T1530, public access, bucket policy
SELECT eventtime AS eventTime, eventname AS eventName, element_at(requestparameters, 'bucketName') AS bucket, useridentity.arn AS userArn
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 's3.amazonaws.com' AND regexp_like(eventname, '^(Put|Delete)Bucket(Policy|Acl|PublicAccessBlock|OwnershipControls)$|^(Put|Delete)(Account)?PublicAccessBlock$')
ORDER BY eventtime DESC
LIMIT 100

-- Most recent KMS key access changes | Table
-- The latest changes to KMS key access.
-- tags: T1098, persistence, kms
SELECT eventtime AS eventTime, eventname AS eventName, element_at(requestparameters, 'keyId') AS keyId, useridentity.arn AS userArn
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'kms.amazonaws.com' AND eventname IN ('PutKeyPolicy', 'CreateGrant', 'RevokeGrant', 'RetireGrant')
ORDER BY eventtime DESC
LIMIT 100

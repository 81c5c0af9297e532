-- AWSCloudTrail-IAMActivity | IAM activity dashboard | Management

-- Top IAM APIs | BarChart LabelColumn=eventName ValueColumn=eventCount Orientation=Horizontal
-- The IAM APIs that are called most often.
-- tags: iam, api usage
SELECT eventname AS eventName, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'iam.amazonaws.com'
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Top IAM callers | BarChart LabelColumn=userArn ValueColumn=eventCount Orientation=Horizontal
-- The principals with the most IAM calls.
-- tags: T1087.004, discovery, iam
SELECT useridentity.arn AS userArn, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'iam.amazonaws.com'
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- IAM success vs failure trend | LineChart XAxisColumn=eventDate YAxisColumn=eventCount FilterColumn=outcome
-- Successful and failed IAM calls over time.
-- tags: iam, error rate
SELECT date_trunc('$Period$', eventtime) AS eventDate, IF(errorcode IS NULL, 'success', 'failure') AS outcome, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'iam.amazonaws.com'
GROUP BY 1, 2
ORDER BY 1, 2

-- Top IAM API errors | BarChart LabelColumn=errorCode ValueColumn=eventCount Orientation=Horizontal
-- The most frequent IAM errors.
-- tags: iam, errors
SELECT errorcode AS errorCode, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'iam.amazonaws.com' AND errorcode IS NOT NULL
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Top AccessDenied IAM APIs | BarChart LabelColumn=eventName ValueColumn=eventCount Orientation=Horizontal
-- The IAM APIs that are denied most often.
-- tags: T1087.004, discovery, access denied
SELECT eventname AS eventName, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'iam.amazonaws.com' AND regexp_like(errorcode, 'AccessDenied|Unauthorized')
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Top IP addresses of IAM calls | BarChart LabelColumn=sourceIPAddress ValueColumn=eventCount Orientation=Horizontal
-- The source addresses with the most IAM calls.
-- tags: T1087.004, discovery, source addresses
SELECT sourceipaddress AS sourceIPAddress, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'iam.amazonaws.com'
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Recent IAM policy changes | Table
-- The latest policy changes, with the principal and the policy that each concerns.
-- tags: T1098.003, privilege escalation, iam policy
SELECT eventtime AS eventTime, eventname AS eventName, useridentity.arn AS userArn, coalesce(element_at(requestparameters, 'userName'), element_at(requestparameters, 'roleName'), element_at(requestparameters, 'groupName')) AS resource, coalesce(element_at(requestparameters, 'policyArn'), element_at(requestparameters, 'policyName')) AS policy
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'iam.amazonaws.com' AND regexp_like(eventname, '^(Attach|Detach|Put|Delete)(User|Role|Group)Policy$|^(Create|Delete)Policy(Version)?$|^SetDefaultPolicyVersion$')
ORDER BY eventtime DESC
LIMIT 100

-- Recent IAM user changes | Table
-- The latest changes to IAM users.
-- tags: T1136.003, T1098, persistence, account changes
SELECT eventtime AS eventTime, eventname AS eventName, element_at(requestparameters, 'userName') AS userName, useridentity.arn AS userArn
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'iam.amazonaws.com' AND regexp_like(eventname, '^(Create|Delete|Update)(User|LoginProfile|AccessKey)$|^(AddUserTo|RemoveUserFrom)Group$')
ORDER BY eventtime DESC
LIMIT 100

-- Top assumed IAM roles | BarChart LabelColumn=role ValueColumn=eventCount Orientation=Horizontal
-- The roles that are assumed most often.
-- tags: T1078.004, lateral movement, assumed roles
SELECT element_at(requestparameters, 'roleArn') AS role, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventname LIKE 'AssumeRole%' AND errorcode IS NULL
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

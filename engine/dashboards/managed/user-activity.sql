-- AWSCloudTrail-UserActivity | User activity dashboard | Management

-- User activity trends by user ARN | LineChart XAxisColumn=eventDate YAxisColumn=eventCount FilterColumn=userArn
-- Events over time, by user.
-- tags: account activity, user behavior
SELECT date_trunc('$Period$', eventtime) AS eventDate, useridentity.arn AS userArn, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND useridentity.arn IS NOT NULL
GROUP BY 1, 2
ORDER BY 1, 2

-- User activity trends by API | LineChart XAxisColumn=eventDate YAxisColumn=eventCount FilterColumn=eventName
-- Events over time, by API.
-- tags: account activity, api usage
SELECT date_trunc('$Period$', eventtime) AS eventDate, eventname AS eventName, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND useridentity.arn IS NOT NULL
GROUP BY 1, 2
ORDER BY 1, 2

-- Most recent user activity | Table
-- The latest events of users.
-- tags: account activity, user behavior
SELECT eventtime AS eventTime, useridentity.arn AS userArn, eventsource AS eventSource, eventname AS eventName, sourceipaddress AS sourceIPAddress, errorcode AS errorCode
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND useridentity.arn IS NOT NULL
ORDER BY eventtime DESC
LIMIT 100

-- Top users with errors | BarChart LabelColumn=userArn ValueColumn=eventCount Orientation=Horizontal
-- The users with the most errors.
-- tags: errors, troubleshooting
SELECT useridentity.arn AS userArn, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND errorcode IS NOT NULL
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Top users with AccessDenied errors | BarChart LabelColumn=userArn ValueColumn=eventCount Orientation=Horizontal
-- The users whose calls are denied most often.
-- tags: T1580, access denied, discovery
SELECT useridentity.arn AS userArn, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND regexp_like(errorcode, 'AccessDenied|Unauthorized')
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Top users making destructive actions | BarChart LabelColumn=userArn ValueColumn=eventCount Orientation=Horizontal
-- The users with the most deletions.
-- tags: T1485, data destruction, impact
SELECT useridentity.arn AS userArn, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND regexp_like(eventname, '^(Delete|Terminate|Destroy|Purge)') AND errorcode IS NULL
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Top users changing IAM policies | BarChart LabelColumn=userArn ValueColumn=eventCount Orientation=Horizontal
-- The users with the most IAM policy changes.
-- tags: T1098.003, privilege escalation, iam policy
SELECT useridentity.arn AS userArn, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'iam.amazonaws.com' AND regexp_like(eventname, '^(Attach|Detach|Put|Delete)(User|Role|Group)Policy$|^(Create|Delete)Policy(Version)?$|^SetDefaultPolicyVersion$') AND errorcode IS NULL
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Top actions performed by potential IAM privileged users | Table
-- The most frequent actions of root users and of users whose name or role suggests high privileges.
-- tags: T1078.004, privileged access, user behavior
SELECT useridentity.arn AS userArn, eventname AS eventName, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND (useridentity.type = 'Root' OR regexp_like(lower(useridentity.arn), 'admin|power|root'))
GROUP BY 1, 2
ORDER BY eventCount DESC, 1, 2
LIMIT 20

-- AWSCloudTrail-SecurityMonitoring | Security monitoring dashboard | Management

-- Top access denied events | BarChart LabelColumn=api ValueColumn=eventCount Orientation=Horizontal
-- The APIs whose calls are denied most often.
-- tags: T1580, access denied, discovery
SELECT concat(replace(eventsource, '.amazonaws.com'), ':', eventname) AS api, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND regexp_like(errorcode, 'AccessDenied|Unauthorized')
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Failed ConsoleLogin attempts | LineChart XAxisColumn=eventDate YAxisColumn=eventCount FilterColumn=mfa
-- Failed console sign-ins over time, with and without MFA.
-- tags: T1110, brute force, credential access
SELECT date_trunc('$Period$', eventtime) AS eventDate, IF(element_at(additionaleventdata, 'MFAUsed') = 'Yes', 'MFA', 'no MFA') AS mfa, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventname = 'ConsoleLogin' AND element_at(responseelements, 'ConsoleLogin') = 'Failure'
GROUP BY 1, 2
ORDER BY 1, 2

-- Failed ConsoleLogin attempts by IP address | BarChart LabelColumn=sourceIPAddress ValueColumn=eventCount Orientation=Horizontal
-- The source addresses with the most failed console sign-ins.
-- tags: T1110, brute force, credential access
SELECT sourceipaddress AS sourceIPAddress, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventname = 'ConsoleLogin' AND element_at(responseelements, 'ConsoleLogin') = 'Failure'
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Root user ConsoleLogin attempts | LineChart XAxisColumn=eventDate YAxisColumn=eventCount
-- Console sign-ins of root users over time.
-- tags: T1078.004, root account, initial access
SELECT date_trunc('$Period$', eventtime) AS eventDate, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventname = 'ConsoleLogin' AND useridentity.type = 'Root'
GROUP BY 1
ORDER BY 1

-- Destructive actions | LineChart XAxisColumn=eventDate YAxisColumn=eventCount FilterColumn=eventName
-- Deletions over time, by action.
-- tags: T1485, data destruction, impact
SELECT date_trunc('$Period$', eventtime) AS eventDate, eventname AS eventName, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND regexp_like(eventname, '^(Delete|Terminate|Destroy|Purge)') AND errorcode IS NULL
GROUP BY 1, 2
ORDER BY 1, 2

-- Top cross-account access | Table
-- The calling accounts and their most frequent actions.
-- tags: T1078.004, lateral movement, cross-account access
SELECT useridentity.accountid AS callerAccount, eventname AS eventName, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND useridentity.accountid <> recipientaccountid
GROUP BY 1, 2
ORDER BY eventCount DESC, 1, 2
LIMIT 10

-- Users who disabled MFA | Table
-- The latest MFA devices that were deactivated or deleted.
-- tags: T1556.006, persistence, mfa bypass
SELECT eventtime AS eventTime, useridentity.arn AS userArn, eventname AS eventName, element_at(requestparameters, 'userName') AS ofUser
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventname IN ('DeactivateMFADevice', 'DeleteVirtualMFADevice') AND errorcode IS NULL
ORDER BY eventtime DESC
LIMIT 100

-- Recent EC2 SecurityGroup and NetworkAcl changes | Table
-- The latest changes to security groups and network ACLs.
-- tags: T1562.007, defense evasion, security groups
SELECT eventtime AS eventTime, eventname AS eventName, useridentity.arn AS userArn, coalesce(element_at(requestparameters, 'groupId'), element_at(requestparameters, 'networkAclId')) AS changed
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'ec2.amazonaws.com' AND regexp_like(eventname, 'SecurityGroup|NetworkAcl') AND NOT readonly
ORDER BY eventtime DESC
LIMIT 100

-- Recent EC2 SecurityGroup changes that allow public access | Table
-- The latest security group rules that allow access from any address.
-- tags: T1562.007, defense evasion, internet exposure
SELECT eventtime AS eventTime, useridentity.arn AS userArn, element_at(requestparameters, 'groupId') AS securityGroup, sourceipaddress AS sourceIPAddress
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventname = 'AuthorizeSecurityGroupIngress' AND errorcode IS NULL
  AND regexp_like(element_at(requestparameters, 'ipPermissions'), '0\.0\.0\.0/0|::/0')
ORDER BY eventtime DESC
LIMIT 100

-- Potential CloudTrail disabling actions | Table
-- The latest actions that may have stopped the logging of events.
-- tags: T1562.008, defense evasion, logging disabled
SELECT eventtime AS eventTime, eventname AS eventName, useridentity.arn AS userArn, errorcode AS errorCode
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'cloudtrail.amazonaws.com'
  AND eventname IN ('StopLogging', 'DeleteTrail', 'UpdateTrail', 'PutEventSelectors', 'DeleteEventDataStore', 'StopEventDataStoreIngestion')
ORDER BY eventtime DESC
LIMIT 100

-- AWSCloudTrail-EC2Activity | EC2 activity dashboard | Management

-- EC2 instance management activity overview | LineChart XAxisColumn=eventDate YAxisColumn=eventCount FilterColumn=eventName
-- Instance launches, starts, stops, reboots and terminations over time.
-- tags: T1578, ec2, instance lifecycle
SELECT date_trunc('$Period$', eventtime) AS eventDate, eventname AS eventName, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'ec2.amazonaws.com' AND eventname IN ('RunInstances', 'StartInstances', 'StopInstances', 'RebootInstances', 'TerminateInstances')
GROUP BY 1, 2
ORDER BY 1, 2

-- EC2 API success vs failure trends | LineChart XAxisColumn=eventDate YAxisColumn=eventCount FilterColumn=outcome
-- Successful and failed EC2 calls over time.
-- tags: ec2, error rate
SELECT date_trunc('$Period$', eventtime) AS eventDate, IF(errorcode IS NULL, 'success', 'failure') AS outcome, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'ec2.amazonaws.com'
GROUP BY 1, 2
ORDER BY 1, 2

-- Top EC2 errors | BarChart LabelColumn=errorCode ValueColumn=eventCount Orientation=Horizontal
-- The most frequent EC2 errors.
-- tags: ec2, errors
SELECT errorcode AS errorCode, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'ec2.amazonaws.com' AND errorcode IS NOT NULL
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Top EC2 AccessDenied events | BarChart LabelColumn=eventName ValueColumn=eventCount Orientation=Horizontal
-- The EC2 actions that are denied most often.
-- tags: T1580, ec2, access denied
SELECT eventname AS eventName, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'ec2.amazonaws.com' AND regexp_like(errorcode, 'AccessDenied|Unauthorized')
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Top users launching EC2 instances | BarChart LabelColumn=userArn ValueColumn=eventCount Orientation=Horizontal
-- The principals that launch the most EC2 instances.
-- tags: T1578.002, T1496.001, resource hijacking, ec2
SELECT useridentity.arn AS userArn, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'ec2.amazonaws.com' AND eventname = 'RunInstances' AND errorcode IS NULL
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Recent EC2 SecurityGroup and NetworkInterface changes | Table
-- The latest changes to security groups and network interfaces.
-- tags: T1562.007, defense evasion, security groups
SELECT eventtime AS eventTime, eventname AS eventName, useridentity.arn AS userArn, coalesce(element_at(requestparameters, 'groupId'), element_at(requestparameters, 'networkInterfaceId')) AS changed
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'ec2.amazonaws.com' AND regexp_like(eventname, 'SecurityGroup|NetworkInterface') AND NOT readonly
ORDER BY eventtime DESC
LIMIT 100

-- Recent VPC management and route table changes | Table
-- The latest changes to VPCs and route tables.
-- tags: network changes, route table
SELECT eventtime AS eventTime, eventname AS eventName, useridentity.arn AS userArn, coalesce(element_at(requestparameters, 'vpcId'), element_at(requestparameters, 'routeTableId')) AS changed
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'ec2.amazonaws.com' AND regexp_like(eventname, 'Vpc|Route|Subnet|Gateway') AND NOT readonly
ORDER BY eventtime DESC
LIMIT 100

-- Recent EC2 actions by root user | Table
-- The latest EC2 calls of root users.
-- tags: T1078.004, root account, privileged access
SELECT eventtime AS eventTime, eventname AS eventName, sourceipaddress AS sourceIPAddress, awsregion AS awsRegion, errorcode AS errorCode
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'ec2.amazonaws.com' AND useridentity.type = 'Root'
ORDER BY eventtime DESC
LIMIT 100

-- Instance user data read: Callers that read the user data of an EC2 instance, which may contain passwords.
-- tags: T1552, T1580, credential access, user data
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'instanceId') AS machine
FROM main
WHERE eventsource = 'ec2.amazonaws.com' AND eventname = 'DescribeInstanceAttribute'
  AND element_at(requestparameters, 'attribute') = 'userData'
ORDER BY eventtime DESC

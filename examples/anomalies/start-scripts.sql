-- Who read the scripts that machines start with, which often hold passwords.
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'instanceId') AS machine
FROM main
WHERE eventsource = 'ec2.amazonaws.com' AND eventname = 'DescribeInstanceAttribute'
  AND element_at(requestparameters, 'attribute') = 'userData'
ORDER BY eventtime DESC

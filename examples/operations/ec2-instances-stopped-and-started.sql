-- EC2 instances stopped and started: EC2 instances that were stopped, started or rebooted.
-- tags: instance state, availability
SELECT eventtime, useridentity.arn AS by_whom, eventname, json_query(element_at(requestparameters, 'instancesSet'), 'lax $.items[*].instanceId' WITH ARRAY WRAPPER) AS machines, errorcode
FROM main
WHERE eventsource = 'ec2.amazonaws.com' AND eventname IN ('StopInstances', 'StartInstances', 'RebootInstances')
ORDER BY eventtime DESC

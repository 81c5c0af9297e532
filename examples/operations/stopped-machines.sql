-- What was stopped or started again.
SELECT eventtime, useridentity.arn AS by_whom, eventname, json_query(element_at(requestparameters, 'instancesSet'), 'lax $.items[*].instanceId' WITH ARRAY WRAPPER) AS machines, errorcode
FROM main
WHERE eventsource = 'ec2.amazonaws.com' AND eventname IN ('StopInstances', 'StartInstances', 'RebootInstances')
ORDER BY eventtime DESC

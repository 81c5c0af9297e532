-- Remote commands on instances: Systems Manager commands that were run on instances, and sessions that were opened there.
-- tags: T1651, T1021.008, lateral movement, remote execution
SELECT eventtime, useridentity.arn AS by_whom, eventname, coalesce(element_at(requestparameters, 'target'), element_at(requestparameters, 'instanceIds')) AS machines, element_at(requestparameters, 'documentName') AS document
FROM main
WHERE eventsource = 'ssm.amazonaws.com' AND eventname IN ('SendCommand', 'StartSession')
ORDER BY eventtime DESC

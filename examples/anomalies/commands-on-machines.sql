-- Commands that were run on machines, and sessions opened there.
SELECT eventtime, useridentity.arn AS by_whom, eventname, coalesce(element_at(requestparameters, 'target'), element_at(requestparameters, 'instanceIds')) AS machines, element_at(requestparameters, 'documentName') AS document
FROM main
WHERE eventsource = 'ssm.amazonaws.com' AND eventname IN ('SendCommand', 'StartSession')
ORDER BY eventtime DESC

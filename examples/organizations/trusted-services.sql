-- Services that may act in every member.
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'servicePrincipal') AS service
FROM main
WHERE eventsource = 'organizations.amazonaws.com' AND eventname IN ('EnableAWSServiceAccess', 'DisableAWSServiceAccess')
ORDER BY eventtime DESC

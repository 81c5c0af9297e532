-- Accounts that administer a service for all others.
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'accountId') AS member, element_at(requestparameters, 'servicePrincipal') AS service
FROM main
WHERE eventsource = 'organizations.amazonaws.com' AND eventname IN ('RegisterDelegatedAdministrator', 'DeregisterDelegatedAdministrator')
ORDER BY eventtime DESC

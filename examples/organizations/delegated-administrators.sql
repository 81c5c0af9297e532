-- Delegated administrators: Accounts that were registered or deregistered as delegated administrator of a service.
-- tags: T1098.003, privilege escalation, delegated administrator
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'accountId') AS member, element_at(requestparameters, 'servicePrincipal') AS service
FROM main
WHERE eventsource = 'organizations.amazonaws.com' AND eventname IN ('RegisterDelegatedAdministrator', 'DeregisterDelegatedAdministrator')
ORDER BY eventtime DESC

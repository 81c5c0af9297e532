-- Trusted access changes: AWS services that gained or lost trusted access to the organization.
-- tags: trusted access, governance
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'servicePrincipal') AS service
FROM main
WHERE eventsource = 'organizations.amazonaws.com' AND eventname IN ('EnableAWSServiceAccess', 'DisableAWSServiceAccess')
ORDER BY eventtime DESC

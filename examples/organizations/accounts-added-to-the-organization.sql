-- Accounts added to the organization: Accounts that were created in the organization or invited to it.
-- tags: account lifecycle, governance
SELECT eventtime, useridentity.arn AS by_whom, eventname, coalesce(element_at(requestparameters, 'accountName'), element_at(requestparameters, 'target')) AS member
FROM main
WHERE eventsource = 'organizations.amazonaws.com' AND eventname IN ('CreateAccount', 'CreateGovCloudAccount', 'InviteAccountToOrganization', 'AcceptHandshake')
ORDER BY eventtime DESC

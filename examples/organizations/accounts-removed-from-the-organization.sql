-- Accounts removed from the organization: Accounts that left the organization, were removed from it or were closed.
-- tags: T1562, defense evasion, account lifecycle
SELECT eventtime, useridentity.arn AS by_whom, eventname, coalesce(element_at(requestparameters, 'accountId'), recipientaccountid) AS member
FROM main
WHERE eventsource = 'organizations.amazonaws.com' AND eventname IN ('LeaveOrganization', 'RemoveAccountFromOrganization', 'CloseAccount')
ORDER BY eventtime DESC

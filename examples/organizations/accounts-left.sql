-- Accounts that went from the organization.
SELECT eventtime, useridentity.arn AS by_whom, eventname, coalesce(element_at(requestparameters, 'accountId'), recipientaccountid) AS member
FROM main
WHERE eventsource = 'organizations.amazonaws.com' AND eventname IN ('LeaveOrganization', 'RemoveAccountFromOrganization', 'CloseAccount')
ORDER BY eventtime DESC

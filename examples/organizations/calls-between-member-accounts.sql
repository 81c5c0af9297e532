-- Calls between member accounts: Cross-account calls, by calling account, receiving account and service.
-- tags: T1078.004, lateral movement, cross-account access
SELECT useridentity.accountid AS from_member, recipientaccountid AS in_member, eventsource, count(*) AS calls
FROM main
WHERE useridentity.accountid <> recipientaccountid AND useridentity.accountid <> 'anonymous'
GROUP BY 1, 2, 3
ORDER BY calls DESC

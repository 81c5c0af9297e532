-- Which members' principals call in other members.
SELECT useridentity.accountid AS from_member, recipientaccountid AS in_member, eventsource, count(*) AS calls
FROM main
WHERE useridentity.accountid <> recipientaccountid AND useridentity.accountid <> 'anonymous'
GROUP BY 1, 2, 3
ORDER BY calls DESC

-- Root user activity: Every direct call of the root user of an account. Each one needs an explanation.
-- tags: T1078.004, root account, privileged access
SELECT eventtime, recipientaccountid AS account, eventsource, eventname, sourceipaddress, errorcode
FROM main
WHERE useridentity.type = 'Root' AND useridentity.invokedby IS NULL
ORDER BY eventtime DESC

-- What the root user of an account did itself. Every row wants an explanation.
SELECT eventtime, recipientaccountid AS account, eventsource, eventname, sourceipaddress, errorcode
FROM main
WHERE useridentity.type = 'Root' AND useridentity.invokedby IS NULL
ORDER BY eventtime DESC

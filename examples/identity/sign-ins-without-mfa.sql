-- Who signed in to the console without a second factor, and from where.
SELECT eventtime, useridentity.username AS "user", useridentity.type, sourceipaddress, recipientaccountid AS account
FROM main
WHERE eventname = 'ConsoleLogin'
  AND element_at(responseelements, 'ConsoleLogin') = 'Success'
  AND element_at(additionaleventdata, 'MFAUsed') = 'No'
ORDER BY eventtime DESC

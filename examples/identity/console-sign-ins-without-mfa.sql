-- Console sign-ins without MFA: Successful console sign-ins without MFA, with the source address.
-- tags: T1078.004, initial access, mfa
SELECT eventtime, useridentity.username AS "user", useridentity.type, sourceipaddress, recipientaccountid AS account
FROM main
WHERE eventname = 'ConsoleLogin'
  AND element_at(responseelements, 'ConsoleLogin') = 'Success'
  AND element_at(additionaleventdata, 'MFAUsed') = 'No'
ORDER BY eventtime DESC

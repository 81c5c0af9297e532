-- Password policy changes: Changes to the password policy of an account.
-- tags: T1556, defense evasion, password policy
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'minimumPasswordLength') AS least_length, recipientaccountid AS account
FROM main
WHERE eventsource = 'iam.amazonaws.com' AND eventname IN ('UpdateAccountPasswordPolicy', 'DeleteAccountPasswordPolicy')
ORDER BY eventtime DESC

-- Changes of what passwords of an account must be.
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'minimumPasswordLength') AS least_length, recipientaccountid AS account
FROM main
WHERE eventsource = 'iam.amazonaws.com' AND eventname IN ('UpdateAccountPasswordPolicy', 'DeleteAccountPasswordPolicy')
ORDER BY eventtime DESC

-- Passwords for the console that somebody set for a user.
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'userName') AS for_whom, element_at(requestparameters, 'passwordResetRequired') AS must_change
FROM main
WHERE eventsource = 'iam.amazonaws.com' AND eventname IN ('CreateLoginProfile', 'UpdateLoginProfile')
ORDER BY eventtime DESC

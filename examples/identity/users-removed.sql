-- Users of IAM that were deleted, and their passwords.
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'userName') AS of_whom
FROM main
WHERE eventsource = 'iam.amazonaws.com' AND eventname IN ('DeleteUser', 'DeleteLoginProfile')
ORDER BY eventtime DESC

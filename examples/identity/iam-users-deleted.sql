-- IAM users deleted: IAM users and console passwords that were deleted.
-- tags: T1531, account removal, offboarding
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'userName') AS of_whom
FROM main
WHERE eventsource = 'iam.amazonaws.com' AND eventname IN ('DeleteUser', 'DeleteLoginProfile')
ORDER BY eventtime DESC

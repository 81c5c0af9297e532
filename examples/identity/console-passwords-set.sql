-- Console passwords set: Console passwords that were created or changed for IAM users.
-- tags: T1098.001, persistence, login profile
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'userName') AS for_whom, element_at(requestparameters, 'passwordResetRequired') AS must_change
FROM main
WHERE eventsource = 'iam.amazonaws.com' AND eventname IN ('CreateLoginProfile', 'UpdateLoginProfile')
ORDER BY eventtime DESC

-- New IAM users: IAM users that were created, and by whom.
-- tags: T1136.003, persistence, account creation
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'userName') AS new_user, errorcode
FROM main
WHERE eventsource = 'iam.amazonaws.com' AND eventname = 'CreateUser'
ORDER BY eventtime DESC

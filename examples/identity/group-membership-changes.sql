-- Group membership changes: IAM users that were added to groups or removed from them.
-- tags: T1098, privilege escalation, group membership
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'userName') AS who, element_at(requestparameters, 'groupName') AS group_name
FROM main
WHERE eventsource = 'iam.amazonaws.com' AND eventname IN ('AddUserToGroup', 'RemoveUserFromGroup')
ORDER BY eventtime DESC

-- Users that were put into groups, or taken out of them.
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'userName') AS who, element_at(requestparameters, 'groupName') AS group_name
FROM main
WHERE eventsource = 'iam.amazonaws.com' AND eventname IN ('AddUserToGroup', 'RemoveUserFromGroup')
ORDER BY eventtime DESC

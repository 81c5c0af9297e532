-- Tasks that were run, and by what definition.
SELECT eventtime, useridentity.arn AS by_whom, eventname, coalesce(element_at(requestparameters, 'taskDefinition'), element_at(requestparameters, 'family')) AS definition, element_at(requestparameters, 'cluster') AS cluster
FROM main
WHERE eventsource = 'ecs.amazonaws.com' AND eventname IN ('RunTask', 'StartTask', 'RegisterTaskDefinition')
ORDER BY eventtime DESC

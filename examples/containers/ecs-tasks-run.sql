-- ECS tasks run: ECS tasks that were started, and task definitions that were registered.
-- tags: T1610, execution, containers
SELECT eventtime, useridentity.arn AS by_whom, eventname, coalesce(element_at(requestparameters, 'taskDefinition'), element_at(requestparameters, 'family')) AS definition, element_at(requestparameters, 'cluster') AS cluster
FROM main
WHERE eventsource = 'ecs.amazonaws.com' AND eventname IN ('RunTask', 'StartTask', 'RegisterTaskDefinition')
ORDER BY eventtime DESC

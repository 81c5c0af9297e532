-- Images of containers that were pushed and deleted.
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'repositoryName') AS repository, element_at(requestparameters, 'imageTag') AS version
FROM main
WHERE eventsource = 'ecr.amazonaws.com' AND eventname IN ('PutImage', 'BatchDeleteImage', 'DeleteRepository')
ORDER BY eventtime DESC

-- Container image changes: ECR images that were pushed or deleted, and repositories that were deleted.
-- tags: T1525, persistence, container images
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'repositoryName') AS repository, element_at(requestparameters, 'imageTag') AS version
FROM main
WHERE eventsource = 'ecr.amazonaws.com' AND eventname IN ('PutImage', 'BatchDeleteImage', 'DeleteRepository')
ORDER BY eventtime DESC

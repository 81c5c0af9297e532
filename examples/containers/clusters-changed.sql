-- Clusters of containers that were made, changed and deleted.
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'name') AS cluster, json_extract_scalar(element_at(requestparameters, 'resourcesVpcConfig'), '$.endpointPublicAccess') AS reached_by_all
FROM main
WHERE eventsource = 'eks.amazonaws.com' AND eventname IN ('CreateCluster', 'UpdateClusterConfig', 'DeleteCluster', 'CreateAccessEntry')
ORDER BY eventtime DESC

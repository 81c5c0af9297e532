-- EKS cluster changes: EKS clusters that were created, updated or deleted, and access entries that were created.
-- tags: T1098.006, persistence, kubernetes
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'name') AS cluster, json_extract_scalar(element_at(requestparameters, 'resourcesVpcConfig'), '$.endpointPublicAccess') AS reached_by_all
FROM main
WHERE eventsource = 'eks.amazonaws.com' AND eventname IN ('CreateCluster', 'UpdateClusterConfig', 'DeleteCluster', 'CreateAccessEntry')
ORDER BY eventtime DESC

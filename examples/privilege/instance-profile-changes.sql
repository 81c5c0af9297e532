-- Instance profile changes: Instances that received an IAM instance profile, or a different one.
-- tags: T1098.003, privilege escalation, instance profile
SELECT eventtime, useridentity.arn AS by_whom, eventname, json_extract_scalar(element_at(requestparameters, 'IamInstanceProfile'), '$.Name') AS profile, element_at(requestparameters, 'InstanceId') AS instance
FROM main
WHERE eventsource = 'ec2.amazonaws.com' AND eventname IN ('AssociateIamInstanceProfile', 'ReplaceIamInstanceProfileAssociation')
ORDER BY eventtime DESC

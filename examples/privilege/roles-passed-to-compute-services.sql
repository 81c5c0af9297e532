-- Roles passed to compute services: IAM roles that callers passed to EC2 instances, Lambda functions and SageMaker notebooks.
-- tags: T1548.005, privilege escalation, pass role
SELECT useridentity.arn AS who, eventname,
       coalesce(element_at(requestparameters, 'role'), json_extract_scalar(element_at(requestparameters, 'iamInstanceProfile'), '$.arn')) AS role, count(*) AS times
FROM main
WHERE eventname IN ('CreateFunction20150331', 'RunInstances', 'CreateNotebookInstance')
  AND (element_at(requestparameters, 'role') IS NOT NULL OR element_at(requestparameters, 'iamInstanceProfile') IS NOT NULL)
GROUP BY 1, 2, 3
ORDER BY times DESC

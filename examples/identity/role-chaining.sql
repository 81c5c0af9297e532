-- Role chaining: Role sessions that assumed another role, with the identity that began the chain.
-- tags: T1078.004, T1550.001, lateral movement, role chaining
SELECT useridentity.sessioncontext.sessionissuer.arn AS from_role, element_at(requestparameters, 'roleArn') AS to_role,
       useridentity.sessioncontext.sourceidentity AS began_as, count(*) AS times
FROM main
WHERE eventname = 'AssumeRole' AND useridentity.type = 'AssumedRole' AND errorcode IS NULL
GROUP BY 1, 2, 3
ORDER BY times DESC

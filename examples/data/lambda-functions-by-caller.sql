-- Lambda functions by caller: Who calls each Lambda function, and since when; needs data events.
-- tags: T1648, serverless execution, lambda
SELECT coalesce(element_at(requestparameters, 'functionName'), resources[1].arn) AS function_name, useridentity.arn AS who, count(*) AS calls, min(eventtime) AS since
FROM main
WHERE eventcategory = 'Data' AND eventsource = 'lambda.amazonaws.com' AND eventname LIKE 'Invoke%'
GROUP BY 1, 2
ORDER BY calls DESC

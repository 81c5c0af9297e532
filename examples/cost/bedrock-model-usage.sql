-- Bedrock model usage: Bedrock models that were invoked, by principal.
-- tags: T1496.004, resource hijacking, generative ai
SELECT element_at(requestparameters, 'modelId') AS model, useridentity.arn AS who, count(*) AS calls, max(eventtime) AS latest
FROM main
WHERE eventsource = 'bedrock.amazonaws.com' AND eventname IN ('InvokeModel', 'InvokeModelWithResponseStream', 'Converse', 'ConverseStream')
GROUP BY 1, 2
ORDER BY calls DESC

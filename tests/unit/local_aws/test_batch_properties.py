from local_aws.batch_properties import api_fields


def test_names_begin_in_lower_case_at_every_depth() -> None:
    assert api_fields({"ContainerProperties": {"LogConfiguration": {"LogDriver": "awslogs"}}}) == {
        "containerProperties": {"logConfiguration": {"logDriver": "awslogs"}}
    }


def test_texts_become_numbers_and_booleans_where_the_api_has_those() -> None:
    given = {
        "RetryStrategy": {"Attempts": "5", "EvaluateOnExit": [{"OnExitCode": "65", "Action": "EXIT"}]},
        "PropagateTags": "true",
        "ComputeResources": {"MaxvCpus": "6"},
    }
    assert api_fields(given) == {
        "retryStrategy": {"attempts": 5, "evaluateOnExit": [{"onExitCode": "65", "action": "EXIT"}]},
        "propagateTags": True,
        "computeResources": {"maxvCpus": 6},
    }


def test_the_users_own_keys_stay_as_they_are() -> None:
    given = {
        "Parameters": {"Stage": "load", "run": 1},
        "LogConfiguration": {"Options": {"Awslogs-Group": "g"}},
    }
    assert api_fields(given) == {
        "parameters": {"Stage": "load", "run": "1"},
        "logConfiguration": {"options": {"Awslogs-Group": "g"}},
    }


def test_values_of_resource_requirements_stay_texts() -> None:
    given = {"ResourceRequirements": [{"Type": "VCPU", "Value": "1"}]}
    assert api_fields(given) == {"resourceRequirements": [{"type": "VCPU", "value": "1"}]}

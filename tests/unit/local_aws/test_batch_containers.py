from local_aws.batch_containers import environment, overridden, substituted


def test_parameters_replace_whole_words_only() -> None:
    command = ["load", "--import-id", "Ref::import_id", "--run", "Ref::run", "s3://Ref::run", "Ref::unset"]
    assert substituted(command, {"import_id": "a-1", "run": "2"}) == [
        *("load", "--import-id", "a-1", "--run", "2"),
        *("s3://Ref::run", "Ref::unset"),
    ]


def test_a_value_that_looks_like_a_placeholder_is_not_replaced_again() -> None:
    assert substituted(["Ref::a"], {"a": "Ref::b", "b": "x"}) == ["Ref::b"]


def test_overrides_replace_command_and_variables_of_the_same_name() -> None:
    properties = {
        "image": "i",
        "command": ["a"],
        "environment": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
        "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "2048"}],
    }
    overrides = {
        "command": ["b", "c"],
        "environment": [{"name": "B", "value": "3"}, {"name": "C", "value": "4"}],
        "resourceRequirements": [{"type": "MEMORY", "value": "4096"}],
    }
    assert overridden(properties, overrides) == {
        "image": "i",
        "command": ["b", "c"],
        "environment": [
            {"name": "A", "value": "1"},
            {"name": "B", "value": "3"},
            {"name": "C", "value": "4"},
        ],
        "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "4096"}],
    }


def test_an_empty_command_overrides_nothing() -> None:
    assert overridden({"command": ["a"]}, {"command": []})["command"] == ["a"]


def test_environment_is_the_definitions_and_batchs_own() -> None:
    container = {
        "environment": [
            {"name": "LOG_LEVEL", "value": "INFO"},
            {"name": "AWS_BATCH_JOB_ID", "value": "forged"},
        ]
    }
    assert environment(
        container,
        job_id="j",
        attempt=2,
        queue="arn:aws:batch:r:a:job-queue/q",
        compute_environment="arn:aws:batch:r:a:compute-environment/ce",
        index=None,
    ) == {
        "LOG_LEVEL": "INFO",
        "AWS_BATCH_JOB_ID": "j",
        "AWS_BATCH_JOB_ATTEMPT": "2",
        "AWS_BATCH_JQ_NAME": "q",
        "AWS_BATCH_CE_NAME": "ce",
    }


def test_a_child_is_told_its_index() -> None:
    given = environment({}, job_id="j:0", attempt=1, queue="q", compute_environment="ce", index=0)
    assert given["AWS_BATCH_JOB_ARRAY_INDEX"] == "0"
    assert given["AWS_BATCH_JOB_ID"] == "j:0"

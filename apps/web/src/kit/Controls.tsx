import { Download, RotateCcw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../components/controls/Button.tsx';
import { Checkbox } from '../components/controls/Checkbox.tsx';
import { Field } from '../components/controls/Field.tsx';
import { IconButton } from '../components/controls/IconButton.tsx';
import { Segmented } from '../components/controls/Segmented.tsx';
import { Select } from '../components/controls/Select.tsx';
import { Slider } from '../components/controls/Slider.tsx';
import { Switch } from '../components/controls/Switch.tsx';
import { TextArea, TextInput } from '../components/controls/TextInput.tsx';
import { Panel } from '../components/display/Page.tsx';

const why = 'The model gpt-image-2 has no such parameter.';

export function Controls() {
  return (
    <>
      <Buttons />
      <Fields />
    </>
  );
}

function Buttons() {
  return (
    <Panel className="flex flex-wrap items-center gap-3">
      <Button variant="primary">Make it</Button>
      <Button icon={Download}>Download</Button>
      <Button variant="plain">Cancel</Button>
      <Button variant="danger" icon={Trash2}>
        Delete
      </Button>
      <Button variant="primary" isBusy>
        Sending
      </Button>
      <Button unavailable="There is nothing to send yet.">Send</Button>
      <Button size="small">Small</Button>
      <IconButton icon={RotateCcw} label="Again" keys="r" />
      <IconButton icon={RotateCcw} label="Pressed" isPressed />
      <IconButton icon={RotateCcw} label="Again" unavailable="Nothing was made yet." />
    </Panel>
  );
}

function Fields() {
  const [quality, setQuality] = useState('medium');
  const [compression, setCompression] = useState(80);
  const [isOn, setIsOn] = useState(true);
  const qualities = [
    { value: 'low', label: 'Low', hint: 'About $0.006' },
    { value: 'medium', label: 'Medium', hint: 'About $0.053' },
    { value: 'max', label: 'Max', unavailable: why },
  ];
  return (
    <Panel className="grid gap-5 tablet:grid-cols-2">
      <Field label="Prompt" aside="23 / 32,000" className="tablet:col-span-2">
        <TextArea rows={3} defaultValue="A small boat in the fog" />
      </Field>
      <Field label="Name" hint="It becomes the name of the file.">
        <TextInput placeholder="boats" />
      </Field>
      <Field label="Size" problem="size: 1000x1000 is not a multiple of 16.">
        <TextInput defaultValue="1000x1000" />
      </Field>
      <Field label="Quality">
        <Select value={quality} options={qualities} onChange={setQuality} />
      </Field>
      <Field label="Background" unavailable={why}>
        <Select value={quality} options={qualities} onChange={setQuality} />
      </Field>
      <Field label="Compression" aside={compression}>
        <Slider value={compression} min={0} max={100} onChange={setCompression} />
      </Field>
      <Field label="Compression" unavailable="A png is never compressed with loss.">
        <Slider value={compression} min={0} max={100} onChange={setCompression} />
      </Field>
      <Field label="Ratio">
        <Segmented
          value={quality}
          segments={qualities.map(({ value, label }) => ({ value, label }))}
          onChange={setQuality}
        />
      </Field>
      <div className="flex flex-col gap-4">
        <Switch label="Keep the rest untouched" isOn={isOn} onChange={setIsOn} />
        <Switch label="Input fidelity" isOn={false} onChange={setIsOn} unavailable={why} />
        <Checkbox label="Skip rows with mistakes" isChecked={isOn} onChange={setIsOn} />
        <Checkbox label="Webhook" isChecked={false} onChange={setIsOn} unavailable={why} />
      </div>
    </Panel>
  );
}

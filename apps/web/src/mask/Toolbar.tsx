import { useStore } from '@nanostores/react';
import {
  BrushCleaning,
  Brush,
  Contrast,
  Download,
  Eraser,
  FolderOpen,
  Lasso,
  Maximize,
  PaintBucket,
  Redo2,
  Square,
  Undo2,
  ZoomIn,
  ZoomOut,
} from 'lucide-react';
import { useId } from 'react';
import { FileInput } from '../components/controls/FileInput.tsx';
import { IconButton } from '../components/controls/IconButton.tsx';
import { Segmented } from '../components/controls/Segmented.tsx';
import { Slider } from '../components/controls/Slider.tsx';
import { useTexts } from '../texts/i18n.ts';
import { showProblem } from '../undo/toasts.ts';
import type { MaskDocument } from './mask-document.ts';
import { maskTexts } from './texts.ts';
import { sizes, tools, type Tool } from './tools.ts';

const icons = { brush: Brush, eraser: Eraser, rectangle: Square, lasso: Lasso };
const mostFeather = 64;

export interface ToolbarProps {
  document: MaskDocument;
  tool: Tool;
  onTool: (tool: Tool) => void;
  size: number;
  onSize: (size: number) => void;
  onZoom: (factor: number) => void;
  onFit: () => void;
}

export function Toolbar(props: ToolbarProps) {
  const { document: mask, tool, onTool, size, onSize, onZoom, onFit } = props;
  const t = useTexts(maskTexts);
  const { canUndo, canRedo, covers } = useStore(mask.state);
  const feather = useStore(mask.feather);
  const fileId = useId();
  const { width, height } = mask.size;
  const all = [
    { x: 0, y: 0 },
    { x: width, y: 0 },
    { x: width, y: height },
    { x: 0, y: height },
  ];

  async function open(file: File | undefined): Promise<void> {
    if (file === undefined) return;
    try {
      await mask.importPng(file);
    } catch {
      showProblem(t.importFailed);
    }
  }
  async function save(): Promise<void> {
    const address = URL.createObjectURL(await mask.toPng());
    const link = document.createElement('a');
    link.href = address;
    link.download = 'mask.png';
    link.click();
    URL.revokeObjectURL(address);
  }

  return (
    <div
      role="toolbar"
      aria-label={t.tools}
      className="flex flex-wrap items-center gap-x-4 gap-y-2"
    >
      <Segmented
        label={t.tools}
        isCompact
        value={tool}
        onChange={onTool}
        segments={tools.map((each) => ({ value: each, label: t[each], icon: icons[each] }))}
      />
      <Amount label={t.size} value={size} min={sizes.least} max={sizes.most} onChange={onSize} />
      <Amount
        label={t.feather}
        value={feather}
        min={0}
        max={mostFeather}
        onChange={(value) => mask.feather.set(value)}
      />
      <div className="flex">
        <IconButton
          icon={Undo2}
          label={t.undo}
          keys="mod+z"
          unavailable={canUndo ? undefined : t.nothingToUndo}
          onClick={() => mask.undo()}
        />
        <IconButton
          icon={Redo2}
          label={t.redo}
          keys="mod+y"
          unavailable={canRedo ? undefined : t.nothingToRedo}
          onClick={() => mask.redo()}
        />
        <IconButton
          icon={Contrast}
          label={t.invert}
          keys="i"
          onClick={() => mask.add({ kind: 'invert' })}
        />
        <IconButton
          icon={PaintBucket}
          label={t.selectAll}
          onClick={() => mask.add({ kind: 'area', points: all, erases: false })}
        />
        <IconButton
          icon={BrushCleaning}
          label={t.clear}
          unavailable={covers === 'nothing' ? t.coversNothing : undefined}
          onClick={() => mask.add({ kind: 'clear' })}
        />
      </div>
      <div className="flex">
        <IconButton icon={ZoomOut} label={t.zoomOut} keys="-" onClick={() => onZoom(0.8)} />
        <IconButton icon={Maximize} label={t.fit} keys="0" onClick={onFit} />
        <IconButton icon={ZoomIn} label={t.zoomIn} keys="+" onClick={() => onZoom(1.25)} />
      </div>
      <div className="flex">
        <IconButton
          icon={FolderOpen}
          label={t.import}
          onClick={() => document.getElementById(fileId)?.click()}
        />
        <IconButton icon={Download} label={t.export} onClick={() => void save()} />
        <FileInput
          id={fileId}
          label={t.import}
          accept="image/png,image/webp"
          onChoose={([file]) => void open(file)}
        />
      </div>
    </div>
  );
}

interface AmountProps {
  label: string;
  /** Pixels of the picture. */
  value: number;
  min: number;
  max: number;
  onChange: (value: number) => void;
}

function Amount({ label, value, ...range }: AmountProps) {
  const t = useTexts(maskTexts);
  const text = t.pixels({ count: value });
  return (
    <div className="flex w-[12rem] items-center gap-2 text-small">
      <span aria-hidden className="shrink-0 text-muted">
        {label}
      </span>
      <Slider label={label} value={value} valueText={text} {...range} />
      <span aria-hidden className="w-[3.5rem] shrink-0 text-right tabular-nums">
        {text}
      </span>
    </div>
  );
}
